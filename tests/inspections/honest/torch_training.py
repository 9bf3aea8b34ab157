import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))
        self.output_shape = (2,)

    def forward(self, x):
        return F.softmax(self.layers(x), dim=-1)


model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
scheduler = optim.lr_scheduler.StepLR(optimizer, 5)
loader = DataLoader(TensorDataset(torch.rand(32, 8), torch.randint(0, 2, (32,))), batch_size=8, num_workers=2)
history = {"lr": [], "loss": [], "acc": []}
for epoch in range(3):
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        optimizer.step()
    scheduler.step()
    history["lr"].append(optimizer.param_groups[0]["lr"])
    history["acc"].append(0.5)
print(history["lr"], model.output_shape)
torch.save(model.state_dict(), "mymodel")
for group in optimizer.param_groups:
    group["lr"] *= 0.1
