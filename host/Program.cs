Console.WriteLine("TodoFlow");
